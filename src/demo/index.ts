/**
 * What apps import as `headwater/demo`: a sync service on loopback with an issue tracker inside, to try things
 * without a backend.
 */
export { DemoStopped, startDemoInWorker, type DemoWorker, type DemoWorkerOptions } from './in-worker.ts'
export { startDemo, type DemoOptions, type DemoService } from './service.ts'
export type { RecordedRequest, TokenOptions, Transaction } from './service.ts'
