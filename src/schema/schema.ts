/**
 * The app's tables as data. What a trace's `schema` step carries and what storage builds views from.
 */

export type ColumnType = 'text' | 'integer' | 'real'

export interface IndexSchema {
  readonly columns: readonly { readonly name: string; readonly descending?: boolean }[]
}

/** A synced (or local) table: an `id` text column, plus these columns, behind a view. */
export interface TableSchema {
  readonly columns: { readonly [name: string]: ColumnType }
  readonly indexes?: { readonly [name: string]: IndexSchema }
  /** Never synced, never uploaded. Default false. */
  readonly localOnly?: boolean
  /** Written and uploaded, never read back. Default false. */
  readonly insertOnly?: boolean
  /** Name of the view; default the table's name. */
  readonly viewName?: string
  /** Record the values before an update or a delete with it: all, or of these columns. Default false. */
  readonly trackPrevious?: boolean | TrackPrevious
  /**
   * The view gets two columns that only writes use: `_metadata`, a text that goes into the upload queue with the
   * write, and `_deleted`: setting it true deletes the row, so that a delete can have metadata. Default false.
   */
  readonly trackMetadata?: boolean
  /** Updates that change no value are not recorded. Default false. */
  readonly ignoreEmptyUpdates?: boolean
}

export interface TrackPrevious {
  /** Default: all. */
  readonly columns?: readonly string[]
  /** Of an update only those that changed. Default false. */
  readonly onlyWhenChanged?: boolean
}

export interface Schema {
  readonly tables: { readonly [name: string]: TableSchema }
}
