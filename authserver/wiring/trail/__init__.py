"""What makes the trail provable, put together: numbers, checkpoints, the keys that sign them."""
