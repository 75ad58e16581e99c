/** The first script: what a new file may begin with. The same in all languages, for it is code. */
export const EXAMPLE = `// Before a new order is stored.
before_create("orders", |e| {
    if e.record.quantity < 1 {
        reject(#{ quantity: "At least one, please." });
    }
    e.record.total = (e.record.quantity * e.record.price).round(2);
});
`;
