-- The feed's epoch, how far it was pruned, and the snapshot of this transaction, which everything in the batch is read with.
SELECT state.epoch, state.pruned_seen::text AS pruned, pg_current_snapshot()::text AS snapshot
FROM feed.state AS state
