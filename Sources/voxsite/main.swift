import SiteGen
print("x")
