/** Failures as data: threads clone values, and an error class does not survive that. */
import type { ErrorInfo } from '../status/status.ts'
import { EngineError } from './face.ts'
import { withoutTokens } from '../status/redact.ts'

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorInfo }

/** What the work gives, or its failure as data. Never rejects. */
export async function settle<T>(work: () => T | Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    return { ok: false, error: errorInfo(error) }
  }
}

/** The value, or throw the failure as an `EngineError`. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new EngineError(result.error)
}

/** An error as data: its own code where it has one, its message without tokens. */
export function errorInfo(error: unknown): ErrorInfo {
  const message = error instanceof Error ? error.message : String(error)
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal'
  return { code, message: withoutTokens(message) }
}
