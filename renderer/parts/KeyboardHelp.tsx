/** The shortcuts of a page, and the switch that turns single keys off. */
import { Button, Dialog, DialogTrigger, Heading, Popover, Switch } from 'react-aria-components'
import { useSingleKeys } from './single-keys.ts'

export interface Shortcut {
  readonly keys: readonly string[]
  readonly does: string
}

export function KeyboardHelp({ shortcuts }: { readonly shortcuts: readonly Shortcut[] }) {
  const { work, setWork } = useSingleKeys()
  return (
    <DialogTrigger>
      <Button className="tool" aria-label="Keyboard shortcuts" data-focus="help">
        ?
      </Button>
      <Popover className="popover" placement="bottom end">
        <Dialog className="dialog">
          <Heading slot="title" className="dialog-title">
            Keyboard
          </Heading>
          <dl className="shortcuts">
            {shortcuts.map(({ keys, does }) => (
              <div key={does} className="shortcut">
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <Switch className="switch" isSelected={work} onChange={setWork}>
            <span className="switch-track" aria-hidden="true" />
            Single characters work as shortcuts
          </Switch>
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}
