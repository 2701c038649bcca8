/** Owns what a call's state means for its sound: which legs there are, and who hears whom. */
import type { MediaLeg } from '../media-vocabulary.ts';
import type { CallState } from './state.ts';

/** A call that rings here has no sound yet: nobody has agreed on any. */
export function legOf(state: CallState): MediaLeg {
  const { id: call, wish } = state.call;
  const { port } = wish;
  switch (state.name) {
    case 'connected':
      return {
        call,
        port,
        session: state.agreed,
        mixed: state.held ? 'apart' : state.conference === 'in' ? 'conference' : 'desk',
      };
    case 'ringing':
      return { call, port, session: state.agreed, mixed: 'desk' };
    default:
      return { call, port, session: null, mixed: 'apart' };
  }
}
