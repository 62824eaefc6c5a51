import { serviceHue } from "../lib/serviceHue";
import styles from "./ServiceName.module.css";
import { TelemetryText } from "./TelemetryText";

/** A service's colour and its name, always together. */
export function ServiceName({ service }: { service: string }) {
  return (
    <span className={styles.service}>
      <ServiceSwatch service={service} />
      {service === "" ? <em>unnamed service</em> : <TelemetryText text={service} />}
    </span>
  );
}

/** The colour alone: only where the name stands beside it. */
export function ServiceSwatch({ service }: { service: string }) {
  return <span className={styles.swatch} style={{ background: serviceColor(service) }} aria-hidden="true" />;
}

export function serviceColor(service: string): string {
  return `var(--service-${serviceHue(service)})`;
}
