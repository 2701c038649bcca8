/** Owns the shapes of what an XML application may send (the original's XML API): screens, status lines, orders. Types and bounds only. */
import type { LampState } from '../../hal/devices.ts';
import type { ListName } from '../lists/lists.ts';

/** What an address in an object asks for. */
export type XmlUri =
  | { readonly kind: 'get'; readonly uri: string }
  /** `line` null = the first. */
  | { readonly kind: 'dial'; readonly number: string; readonly line: number | null }
  /** The lamp of a key of type `xml`, as the files name it: `softkey3`. */
  | { readonly kind: 'led'; readonly key: string; readonly state: LampState }
  | { readonly kind: 'clear'; readonly list: ListName }
  /** The phone starts again once it is idle. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'softkey'; readonly act: SoftkeyAct }
  /** A list of the phone's own; no object can say so. */
  | { readonly kind: 'list'; readonly list: ListName }
  | { readonly kind: 'none' }
  /** It is not done; `why` for a person. */
  | { readonly kind: 'refused'; readonly why: string };

export type SoftkeyAct = 'exit' | 'submit' | 'select' | 'dial' | 'dial2' | 'backspace' | 'dot' | 'case';

export interface XmlSoftkey {
  readonly label: string;
  readonly uri: XmlUri;
}

/** What every screen has. */
export interface ScreenShared {
  readonly title: string;
  /** Left, it is gone; else *Exit* of a later one comes back to it. */
  readonly destroyOnExit: boolean;
  /** Only its own keys leave it; calls and the handset always do. */
  readonly lockIn: boolean;
  /** What Goodbye asks for where the screen is locked. */
  readonly goodbye: XmlUri | null;
  readonly beep: boolean;
  /** It goes after so long without a key, ms; null = it stays. */
  readonly timeoutMs: number | null;
  readonly cancel: XmlUri | null;
  readonly done: XmlUri | null;
  /** Six places, null = empty; an empty list = the usual keys. */
  readonly softkeys: readonly (XmlSoftkey | null)[];
}

export interface TextLine {
  readonly text: string;
  readonly align: 'left' | 'center' | 'right';
}

export interface TextScreen extends ScreenShared {
  readonly kind: 'text';
  readonly header: readonly TextLine[];
  readonly scroll: readonly TextLine[];
  readonly footer: readonly TextLine[];
}

export interface MenuItem {
  readonly prompt: string;
  readonly uri: XmlUri;
  /** What the handset dials while this item is chosen. */
  readonly dial: { readonly number: string; readonly line: number | null } | null;
  /** Told to custom softkeys as `selection=`; empty = none. */
  readonly selection: string;
}

export interface MenuScreen extends ScreenShared {
  readonly kind: 'menu';
  /** `directory`: its items are dialled. */
  readonly of: 'menu' | 'directory';
  readonly style: 'numbered' | 'none' | 'radio';
  /** The item that is chosen at first, from 0. */
  readonly first: number;
  /** A digit carries its item out, rather than choosing it. */
  readonly numberLaunch: boolean;
  readonly items: readonly MenuItem[];
  readonly previous: XmlUri | null;
  readonly next: XmlUri | null;
}

export const FIELD_TYPES = ['ip', 'string', 'number', 'timeus', 'timeint', 'dateus', 'dateint'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export interface InputField {
  readonly type: FieldType;
  readonly prompt: string;
  readonly parameter: string;
  readonly value: string;
  readonly masked: boolean;
  readonly editable: boolean;
}

export interface InputScreen extends ScreenShared {
  readonly kind: 'input';
  readonly url: XmlUri;
  readonly fields: readonly InputField[];
  /** The field that is filled in first, from 0. */
  readonly first: number;
}

export type Screen = TextScreen | MenuScreen | InputScreen;

export interface StatusMessage {
  readonly index: number;
  /** Empty takes the message away. */
  readonly text: string;
  /** Shown so long above the others, ms; 0 = for ever; null = it takes its turn with them. */
  readonly alertMs: number | null;
}

export interface StatusObject {
  readonly kind: 'status';
  readonly session: string;
  readonly messages: readonly StatusMessage[];
  readonly beep: boolean;
  /** The screen that it answers is left. */
  readonly exits: boolean;
}

export interface ExecuteObject {
  readonly kind: 'execute';
  readonly items: readonly { readonly uri: XmlUri; readonly interruptsCall: boolean }[];
  readonly beep: boolean;
  readonly exits: boolean;
}

export type XmlObject = Screen | StatusObject | ExecuteObject;

export const XML_API_LIMITS = {
  /** The original's: octets of one object, items of a menu, custom softkeys. */
  ...{ octets: 10_000, items: 30, softkeys: 6 },
  /** Our choice: characters of a title or label, of an address, fields of an input screen, orders and messages of one object. */
  ...{ label: 128, uri: 512, fields: 16, orders: 16, messages: 16 },
  /** Our choice: characters that a field takes. */
  ...{ field: 128 },
} as const;

/** The original's: a screen goes after this without a key; an alert after that, ms. */
export const SCREEN_TIMEOUT_MS = 45_000;
export const ALERT_MS = 3000;
