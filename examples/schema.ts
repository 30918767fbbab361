/** The tables of the examples. */
import { defineSchema, integer, table, text } from '../src/index.ts'

export const schema = defineSchema({
  lists: table({ name: text() }),
  todos: table(
    { list_id: text(), description: text(), done: integer<0 | 1>() },
    { indexes: { by_list: ['list_id', 'done'] } },
  ),
})
