/** Owns the typed view of the programmable keys that the core acts on (original-phone 1.8). */

/** What a programmable key does. */
export type KeyType =
  | 'line'
  | 'speeddial'
  /** In a call they hand it over to the number, or call the number into a conference. */
  | 'speeddialxfer'
  | 'speeddialconf'
  | 'blf'
  | 'list'
  | 'blfxfer'
  | 'dnd'
  | 'callforward'
  | 'callers'
  | 'directory'
  | 'redial'
  /** Calls who called last. */
  | 'lcr'
  /** Opens a line with a code keyed. */
  | 'spre'
  /** Opens a line, or calls a number, and asks the far phone to answer by itself. */
  | 'icom'
  | 'park'
  | 'pickup'
  | 'conf'
  | 'xfer'
  | 'save'
  | 'delete'
  | 'empty'
  /** Opens an XML application. */
  | 'xml'
  | 'services';

/** What the phone is doing, as far as it decides which softkeys are shown (original-phone 1.8). */
export type KeyState = 'idle' | 'connected' | 'incoming' | 'outgoing' | 'busy';

/** How a server parks a call, or gives it back: `asterisk` and the number that calls are transferred to. */
export interface ParkingCode {
  /** Lower case. */
  readonly server: string;
  readonly code: string;
}

export interface KeySetting {
  /** As the files name it: `softkey3`. */
  readonly name: string;
  readonly type: KeyType;
  /** Empty = its value, or what it does. */
  readonly label: string;
  readonly value: string;
  readonly line: number;
  /** When it is shown; absent = as usual for its type. */
  readonly states?: readonly KeyState[];
  /** Of a key that parks or picks up, for lines 1 to 9; null = nothing says how. */
  readonly parking?: readonly (ParkingCode | null)[];
}
