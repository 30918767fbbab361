/** The application menu: the platform's own items, and what the app adds about syncing. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import type { Simulation } from './simulation.ts'

export interface MenuActions {
  newWindow(): void
  openInspector(): void
  connect(): Promise<void>
  disconnect(): Promise<void>
  /** Null where the app does not run the demo service. */
  readonly simulation: Simulation | null
}

export interface AppMenu {
  /** Show whether the simulation is paused now. */
  update(): void
}

const PAUSE = 'pause-simulation'

/** What the platform's own view menu holds. */
const viewItems: MenuItemConstructorOptions[] = [
  { role: 'reload' },
  { role: 'forceReload' },
  { role: 'toggleDevTools' },
  { type: 'separator' },
  { role: 'resetZoom' },
  { role: 'zoomIn' },
  { role: 'zoomOut' },
  { type: 'separator' },
  { role: 'togglefullscreen' },
]

/** Sets the menu of the whole app. A failed action is logged; the status shows what it means. */
export function setAppMenu(actions: MenuActions): AppMenu {
  const { simulation } = actions
  const run = (action: () => Promise<void>) => () => {
    action().catch((cause: unknown) => console.error('A menu action failed.', cause))
  }
  const pause: MenuItemConstructorOptions[] =
    simulation === null
      ? []
      : [
          { type: 'separator' },
          {
            id: PAUSE,
            label: 'Pause Simulation',
            type: 'checkbox',
            checked: simulation.paused,
            click: ({ checked }) => run(() => simulation.setPaused(checked))(),
          },
        ]
  const isMac = process.platform === 'darwin'
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        { label: 'New Window', accelerator: 'CmdOrCtrl+N', click: actions.newWindow },
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { label: 'Sync Inspector', accelerator: 'CmdOrCtrl+Shift+Y', click: actions.openInspector },
        { type: 'separator' },
        ...viewItems,
      ],
    },
    {
      label: 'Sync',
      submenu: [
        { label: 'Connect', click: run(actions.connect) },
        { label: 'Disconnect', click: run(actions.disconnect) },
        ...pause,
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [{ label: `About ${app.getName()}`, role: 'about' }] },
  ]
  const menu = Menu.buildFromTemplate(template)
  Menu.setApplicationMenu(menu)
  return {
    update: () => {
      const item = menu.getMenuItemById(PAUSE)
      if (item !== null && simulation !== null) item.checked = simulation.paused
    },
  }
}
