/** How fast the meter counts, from two readings of it; pure but for the hook that takes them. */
import { useEffect, useState } from 'react'
import type { MeterRow, Readable } from '../../src/ipc/client/index.ts'

/** A row of the meter, and the bytes in each second since the last reading, both ways together. */
export interface MeterReading {
  readonly row: MeterRow
  readonly bytesPerSecond: number
}

/** Milliseconds between two readings. */
const PAUSE = 1000

/** Names a row: a procedure that a document calls. */
export function rowKey({ document, procedure }: MeterRow): string {
  return `${document} ${procedure}`
}

/** Readings that did not change keep their identity. A row that was not read before counts from now on. */
export function readMeter(
  rows: readonly MeterRow[],
  last: readonly MeterReading[],
  seconds: number,
): readonly MeterReading[] {
  const known = new Map(last.map((reading) => [rowKey(reading.row), reading]))
  return rows.map((row) => {
    const earlier = known.get(rowKey(row))
    const bytes = earlier === undefined ? 0 : bytesOf(row) - bytesOf(earlier.row)
    const bytesPerSecond = Math.round(bytes / seconds)
    return earlier?.row === row && earlier.bytesPerSecond === bytesPerSecond
      ? earlier
      : { row, bytesPerSecond }
  })
}

export function useMeterReadings(meter: Readable<readonly MeterRow[]>): readonly MeterReading[] {
  const [readings, setReadings] = useState(() => readMeter(meter.getSnapshot(), [], 1))
  useEffect(() => {
    let readAt = performance.now()
    const read = () => {
      const now = performance.now()
      // Two readings at once would measure nothing.
      const seconds = Math.max(0.1, (now - readAt) / 1000)
      readAt = now
      setReadings((last) => readMeter(meter.getSnapshot(), last, seconds))
    }
    // The panel may have been hidden, and what it read last be old: nothing can be measured against it.
    const first = setTimeout(() => setReadings(readMeter(meter.getSnapshot(), [], 1)))
    const timer = setInterval(read, PAUSE)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
    }
  }, [meter])
  return readings
}

function bytesOf({ bytesIn, bytesOut }: MeterRow): number {
  return bytesIn + bytesOut
}
