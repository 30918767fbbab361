/** The shortcuts. */
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components'
import { shortcuts } from './shortcuts.ts'

export function HelpButton() {
  return (
    <DialogTrigger>
      <Button className="tool" aria-label="Keyboard shortcuts" data-focus="help">
        ?
      </Button>
      <Popover className="popover" placement="top end">
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
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}
