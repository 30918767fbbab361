/**
 * The names of the operations, and objects made from them: whoever carries calls to another thread, or guards
 * them, does the same for each.
 */
import type { EngineOperations, ReadOperations } from './face.ts'

export const engineOperations = listed<EngineOperations>()([
  'connect',
  'disconnect',
  'clear',
  'resync',
  'setSchema',
  'subscribe',
  'release',
  'unsubscribeAll',
  'batch',
  'beginLocal',
  'executeLocal',
  'commitLocal',
  'rollbackLocal',
  'readQueue',
  'completeUpload',
  'retryUploads',
  'discardUpload',
  'deadLetters',
  'deleteDeadLetter',
  'requestCheckpoint',
  'trace',
])

export const readOperations = listed<ReadOperations>()(['read', 'watch', 'inspectBuckets'])

/** An object with these operations, each carried out by `perform`. `Face` says what they answer. */
export function operationsBy<Face>(
  names: readonly (keyof Face & string)[],
  perform: (name: keyof Face & string, parameters: readonly unknown[]) => unknown,
): Face {
  const methods = names.map((name) => [name, (...parameters: unknown[]) => perform(name, parameters)])
  return Object.fromEntries(methods) as Face
}

/** A list that names every operation; one that is missing is a type error. */
function listed<Operations>() {
  return <const Names extends readonly (keyof Operations & string)[]>(
    names: Exclude<keyof Operations, Names[number]> extends never ? Names : never,
  ): readonly (keyof Operations & string)[] => names
}
