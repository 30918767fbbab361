/**
 * The functions that SQL of windows may call: SQLite's own that compute a value and nothing else. Left out on
 * purpose: whatever loads code, touches files, logs, looks into the connection or the build (`load_extension`,
 * `fts3_tokenizer`, `sqlite_log`, `changes`, `last_insert_rowid`), and `zeroblob`, which only makes room.
 */

const core = `
  abs char coalesce concat concat_ws format glob hex if ifnull iif instr length like likelihood likely lower
  ltrim max min nullif octet_length printf quote random randomblob replace round rtrim sign sqlite_version
  substr substring trim typeof unhex unicode unistr unistr_quote unlikely upper`

const math = `
  acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow
  power radians sin sinh sqrt tan tanh trunc`

const dates = `
  current_date current_time current_timestamp date datetime julianday strftime time timediff unixepoch`

const aggregates = `
  avg count group_concat median percentile percentile_cont percentile_disc string_agg sum total`

const windows = `
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number`

const json = `
  -> ->> json json_array json_array_insert json_array_length json_error_position json_extract json_group_array
  json_group_object json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set
  json_type json_valid jsonb jsonb_array jsonb_array_insert jsonb_extract jsonb_group_array jsonb_group_object
  jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set`

/** Of registered FTS5 tables; an error on anything else. */
const fullText = 'bm25 highlight match snippet'

export const allowedFunctions: ReadonlySet<string> = new Set(
  [core, math, dates, aggregates, windows, json, fullText].flatMap((names) => names.trim().split(/\s+/)),
)

export const allowedTableFunctions: ReadonlySet<string> = new Set([
  'json_each',
  'json_tree',
  'jsonb_each',
  'jsonb_tree',
])
