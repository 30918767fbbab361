/** The frame: what the sync is doing above, and one panel at a time below. Hidden panels keep their state. */
import { Activity, type ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import { useLink } from '../../src/ipc/client/react.tsx'
import { Announcer } from '../parts/Announcer.tsx'
import { NoKey } from '../parts/NoKey.tsx'
import { BucketsPanel } from './BucketsPanel.tsx'
import { LogPanel } from './LogPanel.tsx'
import { MessagesPanel } from './MessagesPanel.tsx'
import { MeterPanel } from './MeterPanel.tsx'
import { Overview } from './Overview.tsx'
import { goTo, isPanel, panels, usePlace, type Panel } from './place.ts'
import type { Records } from './records.ts'
import { useShortcuts } from './shortcuts.ts'
import { StreamsPanel } from './StreamsPanel.tsx'
import { UploadsPanel } from './UploadsPanel.tsx'

export function Inspector({ records }: { readonly records: Records }) {
  const { panel: shown, stream } = usePlace()
  const link = useLink()
  useShortcuts()
  if (link === 'refused') return <NoKey />
  const content: { readonly [panel in Panel]: ReactNode } = {
    streams: <StreamsPanel />,
    buckets: <BucketsPanel stream={stream} />,
    uploads: <UploadsPanel />,
    messages: <MessagesPanel messages={records.messages} />,
    ipc: <MeterPanel meter={records.meter} />,
    log: <LogPanel log={records.log} />,
  }
  return (
    <div className="inspector">
      <Overview />
      <main className="inspector-main">
        <Tabs
          className="tabs"
          selectedKey={shown}
          onSelectionChange={(key) => isPanel(key) && goTo({ panel: key, stream: null })}
        >
          <TabList className="tab-list" aria-label="Panels">
            {panels.map(({ id, label }, index) => (
              <Tab key={id} id={id} className="tab">
                {label}
                <kbd aria-hidden="true">{index + 1}</kbd>
              </Tab>
            ))}
          </TabList>
          {panels.map(({ id }) => (
            <TabPanel key={id} id={id} className="tab-panel" shouldForceMount>
              <Activity mode={id === shown ? 'visible' : 'hidden'}>{content[id]}</Activity>
            </TabPanel>
          ))}
        </Tabs>
      </main>
      <Announcer />
    </div>
  )
}
