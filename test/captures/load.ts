/**
 * The recordings of a real service: the whole set from `../shared/captures` beside the repository where it is
 * present, else the representative copy in this folder. `README.md` says what each of them shows.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { StreamFormat } from '../../src/wire/framing.ts'

export interface Capture {
  /** The folder's name. */
  readonly name: string
  readonly method: string
  readonly path: string
  /** As posted; a marker object where the recorder kept no JSON. */
  readonly requestBody: unknown
  /** Null where no answer came. */
  readonly status: number | null
  /** Of the response, in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The body of an answer that is not a stream, as text; empty for a stream. */
  readonly responseBody: string
  /** Null where the answer is not a stream of lines, or its bytes were not kept. */
  readonly format: StreamFormat | null
  /** What was done meanwhile, and when (milliseconds since the request). */
  readonly events: readonly { readonly ms: number; readonly event: string }[]
  /** How the response ended, in the recorder's words; `client closed` where it ended the stream itself. */
  readonly ended: string
  /** All bytes of the stream, decompressed; empty where `format` is null. */
  stream(): Uint8Array
  /** The bytes as they came over the wire, where the response was compressed and they were kept. */
  compressed(): { readonly encoding: 'gzip' | 'zstd'; readonly bytes: Uint8Array } | null
}

/** Where the copy in this repository is. */
export const copyFolder = fileURLToPath(new URL('.', import.meta.url))

const sharedFolder = fileURLToPath(new URL('../../../shared/captures/', import.meta.url))

/** Every capture of one folder, by default the larger of the two, sorted by name. */
export function loadCaptures(
  folder: string = existsSync(sharedFolder) ? sharedFolder : copyFolder,
): Capture[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'response.json')))
    .sort()
    .map((name) => loadCapture(join(folder, name), name))
}

interface RecordedRequest {
  method: string
  path: string
  body: unknown
}

interface RecordedResponse {
  status: number | null
  headers: Record<string, string> | null
  ended: string
}

function loadCapture(folder: string, name: string): Capture {
  const request = readJson<RecordedRequest>(join(folder, 'request.json'))
  const response = readJson<RecordedResponse>(join(folder, 'response.json'))
  const headers = response.headers ?? {}
  const file = (suffix: string) => join(folder, `stream.${suffix}`)
  const kept = ['ndjson', 'bson', 'txt'].find(
    (kind) => existsSync(file(kind)) || existsSync(file(`${kind}.gz`)),
  )
  const format = kept === undefined ? null : formatOf(headers['content-type'])

  const compressed = (): ReturnType<Capture['compressed']> => {
    if (existsSync(file(`${kept}.gz`))) return { encoding: 'gzip', bytes: readFileSync(file(`${kept}.gz`)) }
    if (existsSync(file(`${kept}.zst`))) return { encoding: 'zstd', bytes: readFileSync(file(`${kept}.zst`)) }
    return null
  }
  const body = (): Uint8Array => {
    const plain = kept !== undefined && existsSync(file(kept)) ? readFileSync(file(kept)) : new Uint8Array(0)
    const packed = compressed()
    // An empty file stands beside compressed bytes that the recorder did not unpack.
    return plain.length === 0 && packed !== null ? decompress(packed) : plain
  }

  return {
    name,
    method: request.method,
    path: request.path,
    requestBody: request.body,
    status: response.status,
    headers,
    responseBody: format === null ? new TextDecoder().decode(body()) : '',
    format,
    events: readFileSync(join(folder, 'events.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
    ended: response.ended,
    stream: () => (format === null ? new Uint8Array(0) : body()),
    compressed,
  }
}

function formatOf(contentType: string | undefined): StreamFormat | null {
  switch (contentType) {
    case 'application/x-ndjson':
      return 'ndjson'
    case 'application/vnd.powersync.bson-stream':
      return 'bson'
    default:
      return null
  }
}

/** As far as the bytes go: a stream that was cut off has no proper end. */
function decompress({ encoding, bytes }: NonNullable<ReturnType<Capture['compressed']>>): Uint8Array {
  return encoding === 'gzip'
    ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
    : zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush })
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'))
}
