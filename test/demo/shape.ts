/** The fields and types of lines: `data.data[].op_id: string`, so that two services can be compared. */
import { deserialize } from 'bson'

export type Shape = ReadonlyMap<string, ReadonlySet<string>>

/** Every path that occurs in the values, with every type found there. Array elements share a path. */
export function shapeOf(values: readonly unknown[]): Shape {
  const shape = new Map<string, Set<string>>()
  for (const value of values) walk(shape, '', value)
  return shape
}

export function ndjsonValues(bytes: Uint8Array): unknown[] {
  const lines = new TextDecoder().decode(bytes).split('\n')
  // Legacy rows can hold bare NaN and Infinity; here only the fields around them matter.
  const json = (line: string) => line.replaceAll(/:(?:NaN|-?Infinity)(?=[,}])/g, ':null')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(json(line)))
}

/** BSON documents with their number types kept apart. */
export function bsonValues(bytes: Uint8Array): unknown[] {
  const buffer = Buffer.from(bytes)
  const values: unknown[] = []
  for (let at = 0; at + 4 <= buffer.length; at += buffer.readInt32LE(at)) {
    values.push(deserialize(buffer.subarray(at, at + buffer.readInt32LE(at)), { promoteValues: false }))
  }
  return values
}

function walk(shape: Map<string, Set<string>>, path: string, value: unknown): void {
  const type = typeOf(value)
  const types = shape.get(path) ?? new Set()
  shape.set(path, types.add(type))
  if (Array.isArray(value)) for (const item of value) walk(shape, `${path}[]`, item)
  else if (type === 'object') {
    for (const [key, item] of Object.entries(value as object)) walk(shape, `${path}.${key}`, item)
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const bson = (value as { _bsontype?: string })._bsontype
  return bson ?? typeof value
}
