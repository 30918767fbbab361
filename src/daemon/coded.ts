import { EngineError } from '../engine/face.ts'
import { DaemonError } from './daemon.ts'

/** What apps catch is a `DaemonError`, whatever thread it came from. */
export async function coded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof EngineError) throw new DaemonError(error.code, error.message, error)
    throw error
  }
}
