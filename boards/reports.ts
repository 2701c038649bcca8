/** Owns whom a running phone tells beside its log: action URIs, a syslog server, a web server and a broker, as the configuration names them now. */
import type { Surroundings } from '../firmware/actions/actions.ts';
import { activeProxyOf } from '../firmware/actions/actions.ts';
import { findParameter } from '../firmware/config/parameters.ts';
import { createActions } from '../firmware/shell/actions.ts';
import type { RunArgs } from '../firmware/shell/args.ts';
import { createClock } from '../firmware/shell/clock.ts';
import { interfacesNow } from '../firmware/shell/interfaces.ts';
import { createMqtt } from '../firmware/shell/mqtt.ts';
import type { RunningPhone } from '../firmware/shell/run.ts';
import type { SettingsStore } from '../firmware/shell/settings-store.ts';
import { createSyslog } from '../firmware/shell/syslog.ts';
import { readTlsFiles } from '../firmware/shell/tls-files.ts';
import { createWebhook } from '../firmware/shell/webhook.ts';
import type { HookState } from '../hal/devices.ts';
import { lookupBy } from './provision.ts';

interface Parts {
  readonly args: RunArgs;
  readonly store: SettingsStore;
  readonly phone: RunningPhone;
  readonly version: string;
}

export interface Reports {
  /** The handset moves. */
  readonly hook: (state: HookState) => void;
  /** The settings may have changed. */
  readonly configured: () => void;
}

/** As the original names itself: applications know a phone by it. */
export const xmlUserAgent = ({ model, mac }: Pick<RunArgs, 'model' | 'mac'>, version: string): string =>
  `Aastra${model} MAC:${mac.replace(/(..)(?=.)/g, '$1-')} V:${version}-SIP`;

export function report({ args, store, phone, version }: Parts): Reports {
  const clock = createClock();
  const value = (name: string): string => store.given(name) ?? findParameter(name)?.parameter.default ?? '';
  // As every other part of the phone: asked where it asks, trusting whom it trusts.
  const net = { lookup: lookupBy(args.dns), authorities: () => authorities({ args, store }) };
  const actions = createActions({
    ...{ value, ...net },
    around: () => surroundings({ phone, store }, clock.now()),
    userAgent: xmlUserAgent(args, version),
    answered: (document) => phone.input({ kind: 'xml-push', document }),
    tell: phone.tell,
  });
  const syslog = createSyslog({ value, lookup: net.lookup, hostname: args.mac, wallMs: clock.wallMs });
  const who = { mac: args.mac, model: args.model, version };
  const webhook = createWebhook({ ...{ value, who, tell: phone.tell, ...net }, wallMs: clock.wallMs });
  const mqtt = createMqtt({
    ...{ value, who, tell: phone.tell },
    status: phone.host.status,
    ...net,
  });
  phone.events.subscribe(({ event }) => {
    actions.event(event);
    syslog.event(event);
    webhook.event(event);
    mqtt.event(event);
  });
  void phone.ended.then(() => {
    actions.stop();
    syslog.close();
    webhook.stop();
    mqtt.stop();
  });
  return { hook: actions.hook, configured: mqtt.configured };
}

/** Those of now: a file that came meanwhile counts. */
async function authorities({ args, store }: Pick<Parts, 'args' | 'store'>): Promise<readonly string[] | null> {
  const read = await store.read();
  return read.ok ? (await readTlsFiles(read.value.settings.tls, args.config, args.state)).files.authorities : [];
}

function surroundings({ phone, store }: Pick<Parts, 'phone' | 'store'>, now: number): Surroundings {
  const lines = store.lines();
  return {
    ...{ now, lines, localIp: ownAddress(phone.local.address) },
    activeProxy: (line) => activeProxyOf(lines, phone.host.status(), line),
  };
}

/** A socket on every address has none: the first of the machine that reaches further than itself. */
function ownAddress(bound: string): string {
  if (bound !== '0.0.0.0' && bound !== '::') return bound;
  const all = Object.values(interfacesNow() ?? {}).flatMap((held) => held ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '';
}
