/**
 * Fields of a line, before it is known what they hold: each is either of the type asked for, or a `BadField`.
 *
 * A field is named with the object that has it and the path of that object, so that its own path is made only
 * when it is bad.
 */

/** Where a field stands in a line: member names and array positions from the root. */
export type FieldPath = readonly (string | number)[]

/** Well formed, but not what a line may say: where, and a sentence without row data. */
export class BadField {
  readonly path: FieldPath
  readonly sentence: string

  constructor(path: FieldPath, sentence: string) {
    this.path = path
    this.sentence = sentence
  }
}

/** An object of a line. A BSON value of a type that no line uses is one too, without any field of a line. */
export type Fields = { readonly [name: string]: unknown }

export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fieldsOf(value: unknown, path: FieldPath): Fields {
  if (!isFields(value)) throw new BadField(path, 'is not an object')
  return value
}

export function listOf(fields: Fields, name: string, path: FieldPath): readonly unknown[] {
  const value = fields[name]
  if (!Array.isArray(value)) throw new BadField([...path, name], 'is not a list')
  return value
}

/** Absent is empty. */
export function listOrNone(fields: Fields, name: string, path: FieldPath): readonly unknown[] {
  return isAbsent(fields[name]) ? [] : listOf(fields, name, path)
}

export function textOf(fields: Fields, name: string, path: FieldPath): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new BadField([...path, name], 'is not text')
  return value
}

/** Absent is false. */
export function flagOf(fields: Fields, name: string, path: FieldPath): boolean {
  const value = fields[name]
  if (isAbsent(value)) return false
  if (typeof value !== 'boolean') throw new BadField([...path, name], 'is neither true nor false')
  return value
}
