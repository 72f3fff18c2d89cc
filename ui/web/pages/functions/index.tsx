/** All functions and how they are wired, or the one that the path names. */
import { useRoute } from "preact-iso/router";
import { FunctionPage } from "./function.tsx";
import { FunctionsList } from "./list.tsx";

export default function FunctionsPage() {
  const { name } = useRoute().params;
  return name ? <FunctionPage key={name} name={name} /> : <FunctionsList />;
}
