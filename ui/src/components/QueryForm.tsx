import { Button, TextInput } from "@mantine/core";
import type { ReactNode } from "react";

import styles from "./QueryForm.module.css";

/** The question at the top of a page. What is typed becomes the address, and so the question, on Enter. */
export function QueryForm({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      role="search"
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <Button type="submit" size="sm">
        Search
      </Button>
    </form>
  );
}

interface InputProps {
  value: string;
  onChange: (value: string) => void;
}

/** Which resources: Kubernetes' label selector grammar. */
export function SelectorInput({ value, onChange }: InputProps) {
  return (
    <TextInput
      label="Selector"
      placeholder="app=checkout,tier in (web,api)"
      className={styles.wide}
      classNames={{ input: styles.code ?? "" }}
      value={value}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Which records of those: words, phrases, `field:value`. */
export function TextQueryInput({ value, onChange, placeholder }: InputProps & { placeholder: string }) {
  return (
    <TextInput
      label="Text query"
      placeholder={placeholder}
      className={styles.wide}
      classNames={{ input: styles.code ?? "" }}
      value={value}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
