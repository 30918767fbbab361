/**
 * How an error reaches a window: as data, with a stable code and a plain sentence, deny by default. Only
 * sentences written for the caller pass; of anything else the window learns the code at most, and the main
 * process logs the rest. No path, token or stack crosses.
 */
import type { TRPCError } from '@trpc/server'
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc'
import { ZodError } from 'zod'
import { DaemonError } from '../daemon/daemon.ts'
import type { ErrorInfo } from '../status/status.ts'
import { publicText } from './public.ts'

/**
 * - `forbidden`: the window's role does not have the capability that the procedure needs.
 * - `demo_unavailable`: this host does not run the demo service.
 * - `invalid_params`: the parameters of a stream are too long or nested too deeply.
 * - `too_many_calls`: the document waits for as many answers as it may.
 * - `too_many_subscriptions`: the document has as many live subscriptions as it may have.
 * - `watch_exists`, `query_exists`: the document has a live watch, or waits for a query, of that id.
 * - `unknown_watch`, `unknown_message`: nothing was sent to this document that could be acknowledged so.
 */
export type CallErrorCode =
  | 'forbidden'
  | 'demo_unavailable'
  | 'invalid_params'
  | 'too_many_calls'
  | 'too_many_subscriptions'
  | 'watch_exists'
  | 'query_exists'
  | 'unknown_watch'
  | 'unknown_message'

/** A call that the router itself refuses. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: CallErrorCode

  constructor(code: CallErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What a window is told. `data.code` of a tRPC client error is `trpc`, `data.error` is `info`. */
export interface DescribedError {
  readonly trpc: TRPC_ERROR_CODE_KEY
  readonly info: ErrorInfo
  /** Nobody wrote a sentence for it: the cause belongs in the log. */
  readonly unexpected: boolean
}

/** Errors that are about the call; their sentences are for the caller. */
const aboutTheCall: { readonly [code: string]: TRPC_ERROR_CODE_KEY } = {
  closed: 'PRECONDITION_FAILED',
  unsubscribed: 'CONFLICT',
  unknown_query: 'NOT_FOUND',
  bad_parameters: 'BAD_REQUEST',
  invalid_ttl: 'BAD_REQUEST',
  invalid_priority: 'BAD_REQUEST',
  invalid_params: 'BAD_REQUEST',
  invalid_metadata: 'BAD_REQUEST',
  forbidden: 'FORBIDDEN',
  watch_exists: 'CONFLICT',
  query_exists: 'CONFLICT',
  unknown_watch: 'NOT_FOUND',
  unknown_message: 'BAD_REQUEST',
  demo_unavailable: 'PRECONDITION_FAILED',
  sql_refused: 'FORBIDDEN',
  sql_syntax: 'BAD_REQUEST',
  sql_too_long: 'BAD_REQUEST',
  sql_too_complex: 'BAD_REQUEST',
  sql_unavailable: 'METHOD_NOT_SUPPORTED',
  sql_failed: 'BAD_REQUEST',
  query_timeout: 'TIMEOUT',
  query_aborted: 'CLIENT_CLOSED_REQUEST',
  result_too_large: 'PAYLOAD_TOO_LARGE',
  queue_full: 'TOO_MANY_REQUESTS',
  lock_timeout: 'TIMEOUT',
  write_timeout: 'TIMEOUT',
  not_the_oldest: 'CONFLICT',
  too_many_calls: 'TOO_MANY_REQUESTS',
  too_many_subscriptions: 'TOO_MANY_REQUESTS',
}

export function describeError(error: unknown): DescribedError {
  if (error instanceof DaemonError || error instanceof CallError) {
    const trpc = aboutTheCall[error.code]
    if (trpc !== undefined) return expected(trpc, error.code, publicText(error.message))
    return {
      ...internal,
      info: { code: error.code, message: `The database could not do this (${error.code}).` },
    }
  }
  if (error instanceof ZodError) return expected('BAD_REQUEST', 'bad_input', inputSentence(error))
  if (!isTrpcError(error)) return internal
  if (error.code === 'PARSE_ERROR') return badMessage
  // The router wraps what a procedure throws, and electron-trpc wraps that again, in a TRPCError of its own.
  if (error.cause !== undefined) return describeError(error.cause)
  if (error.code === 'NOT_FOUND')
    return expected('NOT_FOUND', 'unknown_procedure', 'There is no such procedure.')
  return error.code === 'BAD_REQUEST' ? badMessage : internal
}

/** Of an error that is data already. */
export function describeInfo({ code, message }: ErrorInfo): ErrorInfo {
  return describeError(new DaemonError(code, message)).info
}

const internal: DescribedError = {
  trpc: 'INTERNAL_SERVER_ERROR',
  info: { code: 'internal', message: 'Something went wrong in the main process. Its log says what.' },
  unexpected: true,
}

const badMessage = expected('BAD_REQUEST', 'bad_message', 'The message is not a tRPC request.')

function expected(trpc: TRPC_ERROR_CODE_KEY, code: string, message: string): DescribedError {
  return { trpc, info: { code, message }, unexpected: false }
}

/** By name: electron-trpc bundles a copy of the class. */
function isTrpcError(error: unknown): error is TRPCError {
  return error instanceof Error && error.name === 'TRPCError' && 'code' in error
}

/** Names the field, never the value. */
function inputSentence(error: ZodError): string {
  const path = error.issues[0]?.path.map(String).join('.') ?? ''
  return path === ''
    ? 'The input does not have the expected form.'
    : `The input's field "${path}" is not valid.`
}
