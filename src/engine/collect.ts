/** Reads all rows of a statement, up to a limit. */
import { sizeOfRow, type Cells } from '../status/rows.ts'
import type { Reader, ReadParameters, ReadValue } from '../storage/reader.ts'
import { EngineError } from './face.ts'

export interface Limits {
  readonly maxRows: number
  /** About how many bytes a result may take. */
  readonly maxBytes: number
}

export interface Collected {
  readonly columns: readonly string[]
  readonly rows: readonly Cells[]
}

/** Throws `result_too_large`, `bad_parameters`, or what storage says. */
export function collectRows(
  reader: Reader,
  sql: string,
  parameters: ReadParameters,
  { maxRows, maxBytes }: Limits,
): Collected {
  const rows: Cells[] = []
  let bytes = 0
  const take = (values: readonly ReadValue[]) => {
    if (rows.length === maxRows) throw tooLarge(`more than ${maxRows} rows`)
    bytes += sizeOfRow(values)
    if (bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`)
    rows.push(values.map(plain))
  }
  try {
    return { columns: reader.scan(sql, parameters, take), rows }
  } catch (error) {
    throw isBindingError(error) ? badParameters(error) : error
  }
}

/** A Buffer would arrive as one kind of bytes from a child process and as another from Electron's. */
function plain(value: ReadValue): ReadValue {
  return value instanceof Uint8Array ? new Uint8Array(value) : value
}

function tooLarge(what: string): EngineError {
  return new EngineError({
    code: 'result_too_large',
    message: `The result has ${what}. Ask for less, or read it in parts with LIMIT.`,
  })
}

/** What better-sqlite3 throws for parameters that do not fit the statement. */
function isBindingError(error: unknown): error is Error {
  return error instanceof RangeError || error instanceof TypeError
}

function badParameters(error: Error): EngineError {
  return new EngineError({
    code: 'bad_parameters',
    message: `The parameters do not fit the statement: ${error.message}.`,
  })
}
