/**
 * Changes to the dynamic configuration of a Temporal server that runs on one machine; for any other server:
 * docs/temporal-server.md.
 */
export const DYNAMIC_CONFIG = {
  // The transfer queue of a shard is polled 20 times a second unless set otherwise: every workflow task would wait up to 50 ms.
  'history.transferProcessorMaxPollRPS': 1_000,
  // Tolerance for skewed clocks of several hosts, 1 s by default: no timer and no retry, of 100 ms or of 1 ms, fires
  // before it is over (measured: 1,008 ms each; with 10 ms: 118 ms and 20 ms). Here is one host.
  'history.timerProcessorMaxTimeShift': '10ms',
} as const
