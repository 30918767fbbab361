/**
 * The names the protocol gives to fields of a line: all that a decoder looks for, and all that an excerpt may
 * show in clear.
 */
export const fieldNames = [
  'after',
  'bucket',
  'buckets',
  'checkpoint',
  'checkpoint_complete',
  'checkpoint_diff',
  'checksum',
  'count',
  'data',
  'default',
  'errors',
  'has_more',
  'is_default',
  'last_op_id',
  'message',
  'name',
  'next_after',
  'object_id',
  'object_type',
  'op',
  'op_id',
  'partial_checkpoint_complete',
  'priority',
  'removed_buckets',
  'streams',
  'sub',
  'subkey',
  'subscription',
  'subscriptions',
  'token_expires_in',
  'updated_buckets',
  'write_checkpoint',
] as const

/** Stands for a value that no known field can hold: too deep, or of a type that lines do not use. */
export const opaque: unique symbol = Symbol('opaque')

/** Where a field stands in a line: member names and array positions from the root. */
export type FieldPath = readonly (string | number)[]
