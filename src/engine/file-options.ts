/** How every connection of a daemon opens its file: options that crossed a thread, as storage takes them. */
import type { FileOptions } from '../storage/file.ts'
import type { FaceOptions } from './face.ts'

export function fileOptionsOf({
  nativeBinding,
  encryption,
}: Pick<FaceOptions, 'nativeBinding' | 'encryption'>): FileOptions {
  return { nativeBinding: nativeBinding ?? undefined, encryption: encryption ?? undefined }
}
