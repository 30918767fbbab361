/** A button that destroys something: it asks first, and says what is lost. */
import { useLayoutEffect, useRef, type ReactNode } from 'react'
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useAction } from './action.ts'
import { focusOn } from './shortcuts.ts'

export interface ConfirmButtonProps {
  /** What the button says, and the one in the question that does it. */
  readonly label: string
  readonly question: string
  /** What is lost. */
  readonly children: ReactNode
  readonly onConfirm: () => Promise<unknown>
}

export function ConfirmButton({ label, question, children, onConfirm }: ConfirmButtonProps) {
  const { run, isRunning, error } = useAction()
  const button = useRef<HTMLButtonElement>(null)
  // From the press in the question until the button has the focus back.
  const isConfirmed = useRef(false)
  // Before the button is taken off the page: afterwards nobody knows that it had the focus.
  useLayoutEffect(() => {
    const { current } = button
    return () => {
      if (current !== null && (isConfirmed.current || current === document.activeElement)) leaveFocus(current)
    }
  }, [])
  const confirm = async (close: () => void) => {
    isConfirmed.current = true
    if (await run(onConfirm)) close()
  }
  return (
    <DialogTrigger>
      <Button
        ref={button}
        className="button button-small button-danger"
        onFocus={() => (isConfirmed.current = false)}
      >
        {label}…
      </Button>
      <ModalOverlay className="modal-overlay">
        <Modal className="modal">
          <Dialog className="dialog confirm" role="alertdialog">
            {({ close }) => (
              <>
                <Heading slot="title" className="dialog-title">
                  {question}
                </Heading>
                {children}
                {error !== null && (
                  <p className="write-failure" role="alert">
                    {error.message} <code>{error.code}</code>
                  </p>
                )}
                <div className="confirm-actions">
                  <Button className="button" onPress={close} autoFocus>
                    Cancel
                  </Button>
                  <Button
                    className="button button-danger"
                    isDisabled={isRunning}
                    onPress={() => void confirm(close)}
                  >
                    {label}
                  </Button>
                </div>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  )
}

/** What it did may take it off the page, and the focus with it: who pressed it goes on in the table. */
function leaveFocus(button: HTMLElement): void {
  // Later than React Aria gives the focus back. One whose panel is only hidden stays on the page.
  setTimeout(() => {
    if (!button.isConnected && document.activeElement === document.body) focusOn('table')
  }, 50)
}
