/** A suite is a list of cases; a case is one workload that several peers go through. */
import type { Fixtures } from './fixtures.ts'
import type { Job } from './jobs/job.ts'
import type { PeerName } from './peer.ts'

/** `quick` is small enough for a few seconds, and says little about the sizes of `full`. */
export type Size = 'full' | 'quick'

export interface Suite {
  readonly name: string
  readonly title: string
  /** What is measured, and what is not: for the results page. */
  readonly about: string
  readonly columns: readonly Column[]
  cases(size: Size): readonly Case[]
}

/** A figure to show beside the main one. */
export interface Column {
  readonly figure: string
  readonly label: string
}

export interface Case {
  /** The same in all sizes. */
  readonly id: string
  readonly title: string
  /** In the order in which they run. Ratios are against the first. */
  readonly peers: readonly PeerName[]
  /** The figure that ratios are made of, in milliseconds (or bytes): less is better. */
  readonly main: string
  /** Operations in the measured lines, for a rate. */
  readonly ops?: number
  /** Where the case stands in a series, for the plots. */
  readonly at?: { readonly [series: string]: number }
  /** Make what all runs share. */
  prepare(fixtures: Fixtures): Promise<(peer: PeerName) => Promise<Plan>>
}

/** A job on a new database, on a copy of one, or on the very one (nothing is written then). */
export type Plan =
  | { readonly on: 'new'; readonly job: JobWithoutPath }
  | { readonly on: 'copy' | 'itself'; readonly database: string; readonly job: JobWithoutPath }

type WithoutPath<J> = J extends Job ? Omit<J, 'dbPath'> : never
export type JobWithoutPath = WithoutPath<Job>
