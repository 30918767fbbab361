/**
 * What a run costs beside its time: memory, writing, and how long it keeps its thread.
 *
 * Memory is the peak of the resident set above what it was at the start; where the system cannot set its peak
 * back (other than Linux), it is the peak of the whole process. Writing is what the process hands to the system
 * (`wchar` of /proc/self/io: log, copying the log into the file, journals): it depends on nothing but the
 * program. `write_bytes`, the pages that became dirty, counts a page again only after it went to the disk.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const MIB = 1024 * 1024

export interface Memory {
  readonly memoryMiB: number
  readonly startMiB: number
}

/** Begin to watch. Call what it returns to read; `--expose-gc` makes the start comparable. */
export function watchMemory(): () => Memory {
  ;(globalThis as { readonly gc?: () => void }).gc?.()
  const start = process.memoryUsage.rss()
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // Not Linux, or not allowed.
  }
  return () => ({ startMiB: start / MIB, memoryMiB: Math.max(0, peakRss() - start) / MIB })
}

export interface Written {
  readonly writtenMiB: number
  readonly dirtiedMiB: number
}

/** Begin to watch. Where the system does not tell, both are 0. */
export function watchWriting(): () => Written {
  const before = writingSoFar()
  return () => {
    const now = writingSoFar()
    return {
      writtenMiB: (now.asked - before.asked) / MIB,
      dirtiedMiB: (now.dirtied - before.dirtied) / MIB,
    }
  }
}

/** The delay of this thread's event loop. The default resolution of 10 ms reads 10.9 ms on an idle loop. */
export function watchDelay(): () => { readonly p50: number; readonly p99: number; readonly max: number } {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  const ms = (nanoseconds: number) => nanoseconds / 1e6
  return () => {
    histogram.disable()
    return { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) }
  }
}

function peakRss(): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    if (kib !== undefined) return Number(kib) * 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024
}

function writingSoFar(): { readonly asked: number; readonly dirtied: number } {
  try {
    const text = readFileSync('/proc/self/io', 'utf8')
    const read = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0)
    return { asked: read('wchar'), dirtied: read('write_bytes') }
  } catch {
    return { asked: 0, dirtied: 0 }
  }
}
