/** A component whose script is loaded when it is first shown. */
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorState, Loading } from "./states.tsx";

/** `meanwhile` holds its place until then. */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: ComponentChildren = <Loading lines={8} />,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return (props: Props) => {
    const [, rerender] = useState(0);
    const [error, setError] = useState<Error | null>(null);
    const start = () => {
      setError(null);
      load().then((component) => {
        loaded = component;
        rerender((count) => count + 1);
      }, setError);
    };
    useEffect(() => {
      if (loaded === null) start();
    }, []);
    if (error) return <ErrorState error={error} onRetry={start} />;
    const Component = loaded;
    return Component === null ? <>{meanwhile}</> : <Component {...props} />;
  };
}
