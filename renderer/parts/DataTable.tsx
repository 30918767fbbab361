/**
 * Rows under headings: sorted by them, walked through by keys, and only those on the screen are rendered. A row
 * renders again when it is another object, so rows that did not change must keep their identity; and so must all
 * properties, else the table goes through all of its rows to find that nothing changed.
 */
import { memo, type ReactNode, type Ref } from 'react'
import {
  Cell,
  Column,
  Row,
  Table,
  TableBody,
  TableHeader,
  TableLayout,
  Virtualizer,
  type Key,
  type SortDescriptor,
} from 'react-aria-components'

export interface DataColumn<T> {
  readonly id: string
  readonly label: string
  /** CSS pixels, or a share of what is left: `2fr`. */
  readonly width: number | `${number}fr`
  /** CSS pixels, for shares. */
  readonly minWidth?: number
  /** Numbers stand at the end. Default `start`. */
  readonly align?: 'start' | 'end'
  /** What names the row for screen readers. One column at least. */
  readonly isRowHeader?: boolean
  /** Default false. */
  readonly allowsSorting?: boolean
  readonly cell: (row: T) => ReactNode
}

export interface DataTableProps<T extends object> {
  readonly label: string
  readonly columns: readonly DataColumn<T>[]
  readonly rows: readonly T[]
  readonly idOf: (row: T) => Key
  /** CSS pixels. `fit`: as high as its text. Default 30. */
  readonly rowHeight?: number | 'fit'
  readonly sort?: SortDescriptor
  readonly onSort?: (sort: SortDescriptor) => void
  /** Id of the chosen row, where one can be chosen. */
  readonly chosen?: Key | null
  readonly onChoose?: (id: Key | null) => void
  /** What stands in place of no rows. */
  readonly empty: ReactNode
  /** Values besides the row that cells show: when one changes, all rows render again. */
  readonly dependencies?: readonly unknown[]
  /** The element that scrolls. */
  readonly ref?: Ref<HTMLDivElement | HTMLTableElement>
}

const HEADING_HEIGHT = 28
const NONE: readonly unknown[] = []

export const DataTable = memo(Rows) as typeof Rows

function Rows<T extends object>({
  label,
  columns,
  rows,
  idOf,
  rowHeight = 30,
  sort,
  onSort,
  chosen,
  onChoose,
  empty,
  dependencies = NONE,
  ref,
}: DataTableProps<T>) {
  return (
    <Virtualizer layout={TableLayout} layoutOptions={layouts(rowHeight)}>
      <Table
        {...(ref !== undefined && { ref })}
        className="table"
        data-focus="table"
        aria-label={label}
        {...(sort !== undefined && { sortDescriptor: sort })}
        {...(onSort !== undefined && { onSortChange: onSort })}
        {...(onChoose !== undefined && {
          selectionMode: 'single',
          selectionBehavior: 'replace',
          selectedKeys: chosen === null || chosen === undefined ? [] : [chosen],
          onSelectionChange: (keys) => onChoose(keys === 'all' ? null : ([...keys][0] ?? null)),
        })}
      >
        <TableHeader>
          {columns.map(({ id, label: heading, width, minWidth, align, isRowHeader, allowsSorting }) => (
            <Column
              key={id}
              id={id}
              className="table-heading"
              data-align={align}
              width={width}
              {...(minWidth !== undefined && { minWidth })}
              {...(isRowHeader !== undefined && { isRowHeader })}
              {...(allowsSorting !== undefined && { allowsSorting })}
            >
              {heading}
              {allowsSorting === true && <SortMark sort={sort} column={id} />}
            </Column>
          ))}
        </TableHeader>
        <TableBody items={rows} dependencies={dependencies} renderEmptyState={() => empty}>
          {(row) => (
            <Row id={idOf(row)} className="table-row">
              {columns.map(({ id, align, cell }) => (
                <Cell key={id} className="table-cell" data-align={align}>
                  {cell(row)}
                </Cell>
              ))}
            </Row>
          )}
        </TableBody>
      </Table>
    </Virtualizer>
  )
}

function SortMark({ sort, column }: { readonly sort: SortDescriptor | undefined; readonly column: string }) {
  if (sort?.column !== column) return null
  return (
    <span className="table-sort" aria-hidden="true">
      {sort.direction === 'ascending' ? '↑' : '↓'}
    </span>
  )
}

type Layout =
  | { readonly headingHeight: number; readonly rowHeight: number }
  | { readonly headingHeight: number; readonly estimatedRowHeight: number }

const known = new Map<number | 'fit', Layout>()

/** The same object for the same height: another one would lay everything out again. */
function layouts(height: number | 'fit'): Layout {
  const layout: Layout =
    known.get(height) ??
    (height === 'fit'
      ? { headingHeight: HEADING_HEIGHT, estimatedRowHeight: 30 }
      : { headingHeight: HEADING_HEIGHT, rowHeight: height })
  known.set(height, layout)
  return layout
}
