import type { Attributes } from "../api/types";
import { formatCounted } from "../lib/formatCount";
import { attributeBlock } from "../lib/formatAttribute";
import styles from "./AttributeTable.module.css";
import { FilterLink, type FilterTarget } from "./FilterLink";
import { TelemetryText } from "./TelemetryText";

interface AttributeTableProps {
  title: string;
  attributes: Attributes;
  /** Whose attributes these are, as "filter by this" needs to know. Absent: no filter links. */
  filter?: { of: "resource" | "record"; target: FilterTarget };
  /** Attributes that the sender, or a limit, left out. */
  dropped?: number;
}

/** Attributes by key, each one click from "filter by this". Nothing at all when there are none. */
export function AttributeTable({ title, attributes, filter, dropped = 0 }: AttributeTableProps) {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0 && dropped === 0) return null;
  return (
    <section className={styles.section}>
      <h3 className={styles.title}>{title}</h3>
      <table className={styles.table} aria-label={title}>
        <tbody>
          {entries.map(([key, value]) => (
            <tr key={key}>
              <td className={styles.action}>
                {filter !== undefined && <FilterLink target={filter.target} filter={{ of: filter.of, key, value }} />}
              </td>
              <th scope="row">
                <TelemetryText text={key} />
              </th>
              <td>
                <TelemetryText text={attributeBlock(value)} form="block" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {dropped > 0 && <p className={styles.dropped}>{formatCounted(dropped, "attribute")} left out by the sender or a limit</p>}
    </section>
  );
}
