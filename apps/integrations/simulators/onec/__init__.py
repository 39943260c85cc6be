"""1C:ZUP as its contract describes it, in both dialects; reads nothing of the product's adapters."""
