"""Once a year: is what we know of her still right?"""
