import { ActionIcon, CloseButton, Kbd } from "@mantine/core";
import { useRef } from "react";

import styles from "./KeyHelp.module.css";
import { useKeys } from "./useKeys";

const KEYS: readonly { title: string; keys: readonly (readonly [keys: readonly string[], does: string])[] }[] = [
  {
    title: "Everywhere",
    keys: [
      [["/"], "go to the search box"],
      [["?"], "this help"],
    ],
  },
  {
    title: "In a trace",
    keys: [
      [["j", "↓"], "next row"],
      [["k", "↑"], "previous row"],
      [["e"], "next row with an error"],
      [["→"], "open what lies below"],
      [["←"], "close it, or go to the parent"],
      [["Enter"], "details"],
      [["Esc"], "close the details"],
      [["["], "collapse all"],
      [["]"], "expand all"],
    ],
  },
];

/** The keyboard shortcuts, on `?` or by the button. */
export function KeyHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const show = () => dialog.current?.showModal();
  useKeys({
    "?": () => {
      show();
      return true;
    },
  });
  return (
    <>
      <ActionIcon variant="default" size="md" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={show}>
        ?
      </ActionIcon>
      <dialog ref={dialog} className={styles.dialog} aria-labelledby="key-help-title" data-testid="key-help">
        <div className={styles.head}>
          <h2 id="key-help-title">Keyboard shortcuts</h2>
          <CloseButton aria-label="Close" onClick={() => dialog.current?.close()} />
        </div>
        {KEYS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className={styles.title}>{title}</h3>
            <dl className={styles.keys}>
              {keys.map(([names, does]) => (
                <div key={does}>
                  <dt>
                    {names.map((name) => (
                      <Kbd key={name}>{name}</Kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </dialog>
    </>
  );
}
