/** Which stream's buckets are shown. Renders again only when streams come or go, or another one is chosen. */
import { memo } from 'react'
import {
  Button,
  ListBox,
  ListBoxItem,
  ListLayout,
  Popover,
  Select,
  SelectValue,
  Virtualizer,
} from 'react-aria-components'
import { goTo } from './place.ts'
import type { StreamName } from './stream-names.ts'
import { paramsText } from './stream-words.ts'

export interface StreamChoiceProps {
  readonly streams: readonly StreamName[]
  /** Null: all streams. */
  readonly chosen: number | null
}

const ALL = 'all'
const layout = { rowSize: 26, padding: 4 }

export const StreamChoice = memo(function StreamChoice({ streams, chosen }: StreamChoiceProps) {
  const items = [
    { id: ALL, name: 'All streams', params: '' },
    ...streams.map((stream) => ({ id: String(stream.id), name: stream.name, params: paramsText(stream) })),
  ]
  return (
    <Select
      className="select"
      aria-label="Buckets of"
      value={chosen === null ? ALL : String(chosen)}
      onChange={(key) => goTo({ panel: 'buckets', stream: key === ALL ? null : Number(key) })}
    >
      <Button className="button select-button">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <Virtualizer layout={ListLayout} layoutOptions={layout}>
          <ListBox className="select-list" items={items} style={{ '--lines': items.length }}>
            {({ id, name, params }) => (
              <ListBoxItem id={id} className="select-item" textValue={`${name} ${params}`}>
                {name} {params !== '' && <code>{params}</code>}
              </ListBoxItem>
            )}
          </ListBox>
        </Virtualizer>
      </Popover>
    </Select>
  )
})
