/** What happened in a history, counted by name: a fuzz that never does a thing proves nothing about it. */
import type { Step } from './generate.ts'

/** What either side may print, as far as it is counted. */
interface Line {
  readonly close?: { readonly hideDisconnect: boolean }
  readonly credentials?: { readonly didExpire: boolean }
  readonly error?: { readonly code: string }
  readonly ignored?: string
  readonly log?: { readonly text: string }
  readonly request?: {
    readonly buckets: readonly object[]
    readonly streams: { readonly subscriptions: readonly { readonly stream: string }[] }
  }
  readonly status?: { readonly downloading: object | null }
  readonly streams?: readonly object[]
}

interface Bucket {
  readonly priority: number
  readonly subscriptions: readonly object[]
}

/** A line of the service, as far as it is counted. */
interface Sent {
  readonly checkpoint?: {
    readonly buckets?: readonly Bucket[]
    readonly streams?: readonly { readonly errors: readonly object[] }[]
  }
  readonly checkpoint_diff?: {
    readonly updated_buckets: readonly Bucket[]
    readonly removed_buckets: readonly string[]
  }
  readonly data?: { readonly data: readonly { readonly op: string }[] }
}

export class Tally {
  readonly counts = new Map<string, number>()
  #isDownloading = false
  #subscriptions = 0

  /** Take a step, and what we printed for it. */
  take(step: Step, printed: readonly string[]): void {
    if (step.do !== 'dump') for (const name of namesOf(step, this.#isDownloading)) this.#count(name)
    for (const text of printed) this.#take(step, JSON.parse(text) as Line)
  }

  #take(step: Step, line: Line): void {
    const { close, credentials, error, ignored, log, request, status, streams } = line
    if (error) this.#count(`error: ${error.code}`)
    if (ignored) this.#count('ignored')
    if (close) this.#count(close.hideDisconnect ? 'restart of the stream' : 'visible close')
    if (credentials) this.#count(credentials.didExpire ? 'credentials expired' : 'credentials prefetched')
    if (log?.text.includes("didn't match")) this.#count('checksum mismatch')
    if (log?.text.includes('due to local data')) this.#count('blocked by local writes')
    if (log?.text.startsWith('Applied pending')) this.#count('applied after the upload')
    if (request) {
      const names = request.streams.subscriptions.map(({ stream }) => stream)
      if (new Set(names).size < names.length) this.#count('a stream with several parameter sets')
      if (request.buckets.length > 0) this.#count('resumed')
    }
    if (this.#isDownloading && (close || error?.code === 'protocol' || step.do === 'restart'))
      this.#count('interrupted iteration')
    if (status) this.#isDownloading = status.downloading !== null
    if (streams) {
      if (streams.length < this.#subscriptions) this.#count('a subscription goes')
      this.#subscriptions = streams.length
    }
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }
}

function namesOf(step: Step, isDownloading: boolean): readonly string[] {
  switch (step.do) {
    case 'line': {
      return namesOfLine(String(step['text']), isDownloading)
    }
    case 'uploaded': {
      const named =
        step['writeCheckpoint'] === null ? 'without a write checkpoint' : 'with a write checkpoint'
      return [step['through'] === undefined ? `upload ${named}` : 'upload of a part']
    }
    case 'clear': {
      return [step['soft'] ? 'soft clear' : 'clear']
    }
    case 'subscribe': {
      return ['subscribe', ...(step['priority'] === null ? [] : ['subscribe with a priority'])]
    }
    case 'execute': {
      return [
        'local transaction',
        ...(step['statements'] === undefined ? [] : ['local transaction of several']),
      ]
    }
    default: {
      return [step.do]
    }
  }
}

function namesOfLine(text: string, isDownloading: boolean): readonly string[] {
  let line: Sent
  try {
    line = JSON.parse(text) as Sent
  } catch {
    return ['malformed']
  }
  const kind = Object.keys(line)[0] ?? ''
  const { checkpoint, checkpoint_diff: diff, data } = line
  const buckets = checkpoint?.buckets ?? diff?.updated_buckets ?? []
  return [
    kind,
    ...((checkpoint ?? diff) && isDownloading ? ['superseded checkpoint'] : []),
    ...(checkpoint?.streams?.some(({ errors }) => errors.length > 0) ? ['errors of streams'] : []),
    ...(diff && diff.removed_buckets.length > 0 ? ['a bucket goes'] : []),
    ...(buckets.some(({ subscriptions }) => subscriptions.length > 1) ? ['a bucket of several streams'] : []),
    ...new Set(buckets.map(({ priority }) => `priority ${priority}`)),
    ...new Set((data?.data ?? []).map(({ op }) => op)),
  ]
}
