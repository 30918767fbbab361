/**
 * Forms: how values are written as short, plain JSON and read again. A record is written as a tuple in the order
 * of its table; a part of one as codes and values, where a field's code is its place in the table.
 *
 * The law of every form: `read(write(value))` equals `value`.
 */
import type { Json } from '../wire/request.ts'

export interface Form<T> {
  readonly write: (value: T) => Json
  readonly read: (wire: Json) => T
}

/** What is short JSON already. */
export function asIs<T extends Json>(): Form<T> {
  return { write: (value) => value, read: (wire) => wire as T }
}

/** 1 and 0. */
export const flag: Form<boolean> = { write: (value) => (value ? 1 : 0), read: (wire) => wire === 1 }

/** `form` must write nothing as null. */
export function nullable<T>({ write, read }: Form<T>): Form<T | null> {
  return {
    write: (value) => (value === null ? null : write(value)),
    read: (wire) => (wire === null ? null : read(wire)),
  }
}

export function listOf<T>({ write, read }: Form<T>): Form<readonly T[]> {
  return { write: (values) => values.map(write), read: (wire) => (wire as readonly Json[]).map(read) }
}

/** A record of type T: the order of the keys gives the codes, so a new key belongs at the end. */
export type Table<T> = { readonly [K in keyof T]-?: Form<T[K]> }

export interface RecordForm<T> extends Form<T> {
  readonly size: number
  /** A part: `code, value, code, value, …`. */
  readonly part: {
    readonly write: (part: Partial<T>) => Json[]
    readonly read: (wire: readonly Json[]) => Partial<T>
  }
}

/**
 * @example
 * const progress = recordOf<Progress>({ total: asIs(), downloaded: asIs() })
 * progress.write({ total: 900, downloaded: 120 }) // [900, 120]
 * progress.part.write({ downloaded: 120 }) // [1, 120]
 */
export function recordOf<T extends object>(table: Table<T>): RecordForm<T> {
  const keys = Object.keys(table) as (keyof T & string)[]
  const codes = new Map(keys.map((key, code) => [key, code]))
  return {
    size: keys.length,
    write: (value) => keys.map((key) => table[key].write(value[key])),
    read: (wire) => {
      const values = wire as readonly Json[]
      return Object.fromEntries(keys.map((key, code) => [key, table[key].read(values[code]!)])) as T
    },
    part: {
      write: (part) =>
        (Object.keys(part) as (keyof T & string)[]).flatMap((key) => [
          codes.get(key)!,
          table[key].write(part[key]!),
        ]),
      read: (wire) => {
        const part: Partial<T> = {}
        for (let i = 0; i < wire.length; i += 2) {
          const key = keys[wire[i] as number]!
          part[key] = table[key].read(wire[i + 1]!)
        }
        return part
      },
    },
  }
}
