// Who speaks, in one text: `User:alice`, a type and a name (Kafka: KafkaPrincipal). The name may have colons of its own.

/** Whoever has not authenticated. */
export const ANONYMOUS = 'User:ANONYMOUS';

export const principalTypeOf = (principal: string): string => principal.slice(0, principal.indexOf(':'));

export const principalNameOf = (principal: string): string => principal.slice(principal.indexOf(':') + 1);
