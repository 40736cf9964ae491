"""What a search counts at each mass hypothesis."""
