/** Builders of settings: hide the noise, never the point of a test. */
import type {
  FailoverSettings,
  LineSettings,
  PhoneSettings,
  ServerSetting,
  TimerSettings,
} from '../../firmware/config/settings.ts';

export const server = (name: string, port = 0): ServerSetting => ({ name, port });

const DEFAULT_TIMERS: TimerSettings = {
  t1Ms: 500,
  t2Ms: 4000,
  transactionMs: null,
  registrationRetryS: null,
  registrationTimeoutRetryS: null,
  registrationRenewalS: 15,
  blacklistS: 300,
};

const DEFAULT_FAILOVER: FailoverSettings = {
  profile: 'modern',
  probePeriodS: 15,
  hedgeLimitMs: 2000,
  codes: [408, 500, 502, 503, 504],
  jitterS: 1,
  startSpreadS: 0,
};

export const lineSettings = (over: Partial<LineSettings> = {}): LineSettings => ({
  line: 1,
  screenName: 'Reception',
  screenName2: '',
  userName: '2001',
  displayName: '',
  authName: '2001',
  password: 'secret-2001',
  registrar: { primary: server('192.0.2.1', 5060), backup: server('192.0.2.2', 5060) },
  proxy: { primary: null, backup: null },
  outboundProxy: { primary: null, backup: null },
  registrationPeriodS: 3600,
  explicitMwi: false,
  sharedNumber: null,
  callInfo: false,
  keysSent: { events: 'on', sound: 'off', info: 'off' },
  callWaiting: 'on',
  srtp: 'off',
  callerId: 'shown',
  ringTone: null,
  ...over,
});

type Over = Partial<Omit<PhoneSettings, 'timers' | 'failover'>> & {
  readonly timers?: Partial<TimerSettings>;
  readonly failover?: Partial<FailoverSettings>;
};

export const phoneSettings = (over: Over = {}): PhoneSettings => ({
  model: '57i',
  mac: '00085D000001',
  lines: [lineSettings()],
  transport: 1,
  dnsQueryType: 1,
  streamKeepAliveS: 0,
  tls: { localPort: 5061, authorities: [], certificate: '', key: '' },
  localPort: 5060,
  nat: { address: null, port: null, learns: false, keepAliveS: 0 },
  signallingDscp: 26,
  sound: { toneSet: 'us', ringTone: 0, rtpPort: 3000, dscp: { rtp: 46, rtcp: 46 } },
  outbound: false,
  whitelist: false,
  sendMac: false,
  sendLine: false,
  clock24: true,
  zone: { zone: null, zoneMinutesWest: 0 },
  dialling: { plan: 'X+#|XX+*', emergencyPlan: '911|999|112|110', sendsTerminator: false, digitTimeoutMs: 4000 },
  desk: {
    ...{ redialList: 'on', callersList: 'on', missedIndicator: 'on', predial: 'on', goodbyeRejects: 'on' },
    waitingTone: 'on',
    messageLine: null,
    webPages: 'on',
    optionsLock: null,
  },
  calls: {
    ...{ codecs: ['G722', 'PCMU', 'PCMA'], ptimeMs: 20 },
    ...{ ignoreCode: 486, forward: 'on', conference: 'on', transfer: 'on', joinsTransfers: 'on' },
    ...{
      autoAnswer: 'silent',
      bargeIn: 'on',
      sessionTimerS: 0,
      soundLimitS: 0,
      obeysRefer: 'on',
      rings: null,
      warningTone: 'on',
    },
  },
  keys: [],
  settableKeys: [],
  xml: {
    ...{ uri: '', title: '', postList: [], getTimeoutMs: 30_000, statusScrollMs: 5000, beep: 'on' },
    ...{ notifyUri: null, poll: null },
  },
  subscriptions: {
    blfPeriodS: 3600,
    blaPeriodS: 300,
    mwiPeriodS: 86_400,
    pickupPrefix: '',
    picksUp: false,
    listUri: '',
  },
  ...over,
  timers: { ...DEFAULT_TIMERS, ...over.timers },
  failover: { ...DEFAULT_FAILOVER, ...over.failover },
});
