/** The IAM actions that each method of a port costs: beside each adapter, and held against the stack by a test. */
export type ActionsOf<Port> = { readonly [Method in keyof Port]: readonly string[] };
