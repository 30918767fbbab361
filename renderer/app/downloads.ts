/** Which downloads are worth a bar, pure. */
import type { Progress, StreamStatus } from '../../src/status/status.ts'

/** Smaller ones come and go faster than one can read; a first download is shown whatever its size. */
const WORTH_SHOWING = 100

export type Downloading = StreamStatus & { readonly progress: Progress }

export function isDownloading(stream: StreamStatus | null): stream is Downloading {
  if (stream === null || stream.progress === null) return false
  const { downloaded, total } = stream.progress
  return downloaded < total && (stream.lastSyncedAt === null || total >= WORTH_SHOWING)
}
