/**
 * The app's tables as data. What a trace's `schema` step carries and what storage builds views from.
 */

export type ColumnType = 'text' | 'integer' | 'real'

export interface IndexSchema {
  readonly columns: readonly { readonly name: string; readonly descending?: boolean }[]
}

/** What is recorded of the writes to a table. */
export interface RecordingOptions {
  /** Written and uploaded, never read back. Default false. */
  readonly insertOnly?: boolean
  /** Record the values before an update or a delete with it: all, or of these columns. Default false. */
  readonly trackPrevious?: boolean | TrackPrevious
  /** Updates that change no value are not recorded. Default false. */
  readonly ignoreEmptyUpdates?: boolean
}

export interface TrackPrevious {
  /** Default: all. */
  readonly columns?: readonly string[]
  /** Of an update only those that changed. Default false. */
  readonly onlyWhenChanged?: boolean
}

/** A synced (or local) table: an `id` text column, plus these columns, behind a view. */
export interface TableSchema extends RecordingOptions {
  readonly columns: { readonly [name: string]: ColumnType }
  readonly indexes?: { readonly [name: string]: IndexSchema }
  /** Never synced, never uploaded. Default false. */
  readonly localOnly?: boolean
  /** Name of the view; default the table's name. */
  readonly viewName?: string
  /**
   * The view gets two columns that only writes use: `_metadata`, a text that goes into the upload queue with the
   * write, and `_deleted`: setting it true deletes the row, so that a delete can have metadata. Default false.
   */
  readonly trackMetadata?: boolean
}

/** A parameter of a raw table's statement: the row's id, a property of the row, or all the others as JSON. */
export type RawParameter = 'Id' | 'Rest' | { readonly Column: string }

export interface RawStatement {
  readonly sql: string
  readonly params: readonly RawParameter[]
}

/** The app's own table, so that statements can be inferred and its writes recorded. */
export interface RawTableDescription extends RecordingOptions {
  /** Its name in the database; default: the name of the synced type. */
  readonly tableName?: string
  /** Columns that are synced; the others are the app's own matter. Default: all. */
  readonly syncedColumns?: readonly string[]
  /**
   * Make triggers on the table that record the app's writes for upload. They appear with the first transaction
   * after the one that made the table, and follow its columns. Default false.
   */
  readonly recordWrites?: boolean
}

/**
 * A table that the app has made itself and that rows of one synced type are written to, by given statements or,
 * with `schema`, by inferred ones. Its rows are seen without a view, and can have constraints and triggers.
 */
export interface RawTableSchema {
  /** Insert or update one row. Default, with `schema`: an upsert of the synced columns. */
  readonly put?: RawStatement
  /** Delete one row; its only parameter is `Id`. Default, with `schema`: by `id`. */
  readonly delete?: RawStatement
  /** Empty the table, when everything is cleared. Default, with `schema`: delete all rows; else nothing. */
  readonly clear?: string
  readonly schema?: RawTableDescription
}

export interface Schema {
  readonly tables: { readonly [name: string]: TableSchema }
  /** By the name of the synced type. */
  readonly rawTables?: { readonly [name: string]: RawTableSchema }
}
