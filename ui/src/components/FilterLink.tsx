import { Link } from "@tanstack/react-router";

import { attributeText } from "../lib/formatAttribute";
import { showControlCharacters } from "../lib/controlCharacters";
import { type AttributeFilter, type Question, narrow } from "../model/filter";
import styles from "./FilterLink.module.css";
import { Icon } from "./Icon";

/** Where "filter by this" leads, and what is already asked there. */
export interface FilterTarget {
  to: "/logs" | "/traces";
  question: Question;
}

/** "Filter by this": a link to the same question, narrowed by one attribute. Nothing where no grammar can say it. */
export function FilterLink({ target, filter }: { target: FilterTarget; filter: AttributeFilter }) {
  const question = narrow(target.question, filter);
  if (question === undefined) return null;
  const label = showControlCharacters(`filter by ${filter.key} = ${attributeText(filter.value).slice(0, 100)}`, "line");
  return (
    <Link to={target.to} search={question} className={styles.filter} aria-label={label} title={label}>
      <Icon name="filter" size={13} />
    </Link>
  );
}
