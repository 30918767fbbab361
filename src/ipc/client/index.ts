/** What pages import: the client, its types, and how to read a failed call. The hooks are in `react.tsx`. */
export { createClient, type Client, type Trpc } from './client.ts'
export { failureOf } from './failure.ts'
export type { Hold, HoldState, StreamWish } from './holds.ts'
export type { LinkState } from './link.ts'
export type { QueryParams, QueryState } from './query.ts'
export type { Readable } from './readable.ts'
